"""One's own wishes on the pages, without a browser: they order, mark, and can be left out."""

from __future__ import annotations

from geo.people.admission import LOCAL_ID
from geo.people.preferences import Preferences, set_preferences
from geo.store.people import list_people
from geo.texts import colleagues as colleagues_texts
from geo.texts import profile as profile_texts


def test_near_me_follows_wishes_until_told_otherwise(open_view, store, browser, towns) -> None:
    wanted = Preferences(kinds=("library",), mood="quiet", step_free=True, longest_min=45)
    set_preferences(store, LOCAL_ID, wanted)
    page = open_view("near")
    browser.type(page, towns[0].point)
    assert page.slider(key="min").value == 45
    cards = browser.scene.cards
    assert cards[0].kind == "library"
    assert cards[0].facts[0] == "Your kind of place"
    assert {"Step-free", "Steps: not known"} & {fact for card in cards for fact in card.facts}
    assert profile_texts.BY_PREFERENCES in browser.scene.hint
    page.toggle(key="preferences-active").set_value(False).run()
    assert profile_texts.BY_PREFERENCES not in browser.scene.hint
    drives = [int("".join(filter(str.isdigit, one.headline))) for one in browser.scene.cards]
    assert drives == sorted(drives)
    set_preferences(store, LOCAL_ID, Preferences())
    page.run()
    assert not [one for one in page.toggle if one.key == "preferences-active"]


def test_who_likes_one_other_is_suggested_the_nearest(open_view, store) -> None:
    set_preferences(store, LOCAL_ID, Preferences(group_size="one to one"))
    page = open_view("colleagues")
    page.button(key="choose-participants").click().run()
    picks = [one for one in page.button_group if str(one.key).startswith("colleagues-pick")]
    assert sum(len(one.value) for one in picks) == 1
    page.button(key="suggest-place").click().run()
    assert not page.exception
    assert colleagues_texts.OTHER_GROUP_SIZE["one to one"] not in "\n".join(
        one.value for one in page.caption
    )


def test_a_plan_keeps_to_the_groups_that_most_like_and_says_for_how_many(
    open_view, store, shown
) -> None:
    with store.read() as db:
        ids = [one.id for one in list_people(db)]
    for one in ids[:15]:
        set_preferences(store, one, Preferences(group_size="small", mood="quiet"))
    page = open_view("plan")
    page.button(key="stored-roster").click().run()
    state = page.session_state
    assert (state["plan-least"], state["plan-most"]) == (2, 5)
    page.button(key="make-plan").click().run()
    desk = state["plan-workspace"]
    assert desk.job is None or desk.job.wait(60)
    page.run()
    assert not page.exception
    assert "people with a preferred group size" in shown(page)
    assert "a quiet place is used" in shown(page).replace("\\", "")
