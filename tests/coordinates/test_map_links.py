from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.coordinates.map_links import find_links, parse_link
from geo.errors import BadCoordinates
from geo.export.links import map_links
from geo.model import Place, Point

CUP = Point(-71.9974, 44.0019)
TEN_METRES = 1e-4

GOOGLE = [
    "https://www.google.com/maps/place/Cup/@44.0045,-71.9900,15z/data=!3m1!4b1!4m6!3m5!1s0x0:0x1!8m2!3d44.0019!4d-71.9974!16s?entry=ttu",
    "https://www.google.com/maps/place/Cup,+Main+St/data=!4m6!3m5!1s0x4:0x7!8m2!3d44.0019!4d-71.9974!16s%2Fg%2F11",
    "https://maps.google.com/maps/place/44.0019,-71.9974/@44.01,-71.98,15z/data=!3m1!1e3",
    "https://www.google.co.uk/maps/place/44.0019,+-71.9974/@44.01,-71.98,17z",
    "https://www.google.com/maps/place/44%C2%B000'06.84%22N+71%C2%B059'50.64%22W/",
    "https://www.google.com/maps/@44.0019,-71.9974,6z",
    "https://www.google.com/maps/@44.0019,-71.9974,3a,75y,90t/data=!3m8!1e1",
    "https://www.google.com/maps/search/44.0019,-71.9974",
    "https://www.google.com/maps/search/44.0019,+-71.9974?entry=tts",
    "https://www.google.com/maps/search/?api=1&query=44.0019%2C-71.9974",
    "https://www.google.com/maps/search/?query_place_id=ChIJ&query=44.0019,-71.9974&api=1",
    "https://www.google.com/maps/dir/40.7128,-74.0060/44.0019,-71.9974/@42.4,-73.4,8z/",
    "https://www.google.com/maps/dir//44.0019,-71.9974/@42.4,-73.4,8z/",
    "https://www.google.com/maps/dir/Leeds/York/@53.9,-1.2,10z/data=!4m14!4m13!1m5!1m1!1s0x4:0x2!2m2!1d-1.54!2d53.80!1m5!1m1!1s0x4:0x7!2m2!1d-71.9974!2d44.0019!3e0",
    "https://www.google.com/maps/dir/?api=1&origin=44.5,-71.5&destination=44.001900%2C-71.997400",
    "https://www.google.com/maps/@?api=1&map_action=map&center=44.0019,-71.9974&zoom=12",
    "https://www.google.com/maps/@?api=1&map_action=pano&viewpoint=44.0019,-71.9974&heading=-45",
    "https://maps.google.com/?q=44.0019,-71.9974&entry=gps",
    "maps.google.com?q=44.0019,-71.9974",
    "http://maps.google.com/maps?q=loc:44.0019,-71.9974+(Home)&z=15",
    "http://maps.google.com/maps?q=loc:44.0019+-71.9974",
    "https://www.google.com/maps?q=44.0019, -71.9974",
    "https://maps.google.com/?saddr=44.1,-71.9&daddr=44.2,-71.1+to:44.0019,-71.9974",
    "https://maps.google.com/maps?layer=c&cbll=44.0019,-71.9974&ll=44.1,-71.9",
    "https://consent.google.com/ml?continue=https://www.google.com/maps/search/?api%3D1%26query%3D44.0019,-71.9974",
    "google.navigation:q=44.0019,-71.9974",
    "comgooglemaps://?q=44.0019,-71.9974&center=44.1,-71.9",
]
APPLE = [
    "https://maps.apple.com/?ll=44.0019,-71.9974",
    "http://maps.apple.com/?address=1%20Main%20St&auid=17&ll=44.0019,-71.9974&q=Cup&t=m",
    "https://maps.apple.com/place?address=1+Main+St&coordinate=44.0019,-71.9974&name=Cup",
    "https://maps.apple.com/?daddr=44.0019,-71.9974&dirflg=d&ll=44.1,-71.9",
    "https://maps.apple.com/?q=44.0019,-71.9974",
    "https://maps.apple.com/?address=44.0019,-71.9974",
    "https://maps.apple.com/?sll=44.0019,-71.9974",
    "https://maps.apple.com/search?span=0.007,0.009&center=44.0019,-71.9974",
]
WAZE = [
    "https://waze.com/ul?ll=44.0019,-71.9974&z=10",
    "https://ul.waze.com/ul?ll=44.00190000%2C-71.99740000&navigate=yes&utm_source=waze_website",
    "https://www.waze.com/live-map/directions?to=ll.44.0019,-71.9974",
    "https://www.waze.com/live-map/directions?latlng=44.0019%2C-71.9974",
    "waze://?ll=44.0019,-71.9974&navigate=yes",
]
OPENSTREETMAP = [
    "https://www.openstreetmap.org/#map=16/44.0019/-71.9974",
    "https://www.openstreetmap.org/#map%3D16%2F44.0019%2F-71.9974",
    "https://www.openstreetmap.org/?mlat=44.0019&mlon=-71.9974#map=15/44.1/-71.9",
    "https://www.openstreetmap.org/directions?engine=fossgis_osrm_car&route=44.1%2C-71.9%3B44.0019%2C-71.9974#map=12/44/-71",
    "openstreetmap.org/?lat=44.0019&lon=-71.9974&zoom=15",
    "https://www.openstreetmap.org/search?query=44.0019%2C-71.9974#map=9/43/-70",
    "https://www.openstreetmap.org/node/123#map=19/44.0019/-71.9974",
]
OTHERS = [
    "https://map.project-osrm.org/?z=12&center=44.3%2C-71.4&loc=44.5%2C-71.5&loc=44.0019%2C-71.9974",
    "https://graphhopper.com/maps/?point=44.5%2C-71.5&point=44.0019%2C-71.9974",
    "https://osmand.net/map?pin=44.0019,-71.9974#12.5/44.1/-71.9",
    "https://osmand.net/map#12.5/44.0019/-71.9974",
    "http://download.osmand.net/go?lat=44.0019&lon=-71.9974&z=14",
    "https://osmand.net/map/navigate/?start=44.1,-71.9&end=44.0019,-71.9974&profile=car",
    "om://map?v=1&ll=44.0019,-71.9974&n=Home",
    "mapsme://map?ll=44.0019,-71.9974",
    "https://www.bing.com/maps?cp=44.0019~-71.9974&lvl=15",
    "https://bing.com/maps/default.aspx?cp=44.1~-71.9&sp=point.44.0019_-71.9974_Home_Notes",
    "https://www.bing.com/maps?rtp=adr.Lancaster~pos.44.0019_-71.9974_Home",
    "https://wego.here.com/?map=44.0019,-71.9974,6.93",
    "https://share.here.com/l/44.0019,-71.9974,Home",
    "https://wego.here.com/directions/drive/mylocation/Home:44.0019,-71.9974",
    "https://yandex.ru/maps/?ll=-71.9974%2C44.0019&z=14",
    "https://yandex.com/maps/?pt=-71.9974,44.0019&z=18&ll=-71.9,44.1",
    "https://yandex.com/maps?whatshere%5Bpoint%5D=-71.9974%2C44.0019&ll=-71.9%2C44.1",
    "https://yandex.ru/maps/?rtext=44.1,-71.9~44.0019,-71.9974&rtt=auto",
    "https://mapy.com/en/zakladni?x=-71.9974&y=44.0019&z=9",
    "https://maps.example/?q=44.0019,-71.9974",
    "https://maps.example/view?lat=44.0019&lng=-71.9974",
    "http://localhost:8501/near?from=44.00190%2C-71.99740%2CHome&minutes=30",
]
GEO = [
    "geo:44.0019,-71.9974",
    "geo:44.0019,-71.9974,120;crs=wgs84;u=30",
    "geo:44.0019,-71.9974?z=15",
    "geo:44.0019,-71.9974?q=My+Home",
    "geo:0,0?q=44.0019,-71.9974(Home)",
    "geo:0,0?q=44.0019%2C-71.9974%28My%20Home%29",
    "geo:0,0?z=11&q=44.0019,-71.9974",
]


@pytest.mark.parametrize("link", [*GOOGLE, *APPLE, *WAZE, *OPENSTREETMAP, *OTHERS, *GEO])
def test_the_pin_of_every_form_is_found(link: str) -> None:
    assert find_links(link) == [link]
    found = parse_link(link)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((CUP.lon, CUP.lat), abs=TEN_METRES)


@pytest.mark.parametrize(
    ("link", "point"),
    [
        ("https://osm.org/go/0EEQjE--", Point(0.0549, 51.5108)),
        ("https://www.openstreetmap.org/go/NuJWxJh-?m", Point(-49.0835, -16.2315)),
        ("https://waze.com/ul/hu00uswvn3", Point(1.259372, 45.829189)),
        ("https://www.waze.com/live-map?h=u00uswvn3", Point(1.259372, 45.829189)),
        ("https://waze.com/ul/h9g3qrkju0", Point(-99.165666, 19.402564)),
        ("https://omaps.app/Umse5f0H8a/Nova_Iorque", Point(-74.005997, 40.7127403)),
        ("om://Umse5f0H8a", Point(-74.005997, 40.7127403)),
        ("http://ge0.me/AbCMCNp0LO/Madagascar", Point(46.4416404, -18.9249433)),
        ("https://comaps.at/o4MnIOApKp/Kreuzberg", Point(13.3815233, 52.4877385)),
        ("ge0://B4srhdHVVt/Name", Point(12.1234, 64.5234)),
        ("https://plus.codes/9F4MFCF4+C2X", Point(13.40500, 52.47359)),
    ],
)
def test_codes_that_are_positions_are_read_offline(link: str, point: Point) -> None:
    found = parse_link(link)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((point.lon, point.lat), abs=2e-4)


@pytest.mark.parametrize(
    "link",
    [
        "https://maps.app.goo.gl/jVuuNEZ_-FQ3UGhX7",
        "maps.app.goo.gl/jVuuNEZ_-FQ3UGhX7?g_st=ic",
        "https://goo.gl/maps/abc",
        "https://g.co/kgs/abc",
        "https://maps.apple/p/7E-Brjrk_THN14",
        "https://yandex.com/maps/-/CLAvMI18",
        "https://mapy.cz/s/jakuhelasu",
        "https://bit.ly/abc",
        "https://her.is/abc",
    ],
)
def test_a_shortened_link_says_so(link: str) -> None:
    with pytest.raises(BadCoordinates, match="shortened link"):
        parse_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/place/Pozna%C5%84,+Poland/data=12345?entry=gps",
        "https://www.google.com/maps/place/Pozna%C5%84,+Poland/@52.4,16.9,9z",
        "https://www.google.com/maps/place//data=!4m2!3m1!1s0xc3f7d4e21a00705:0xa9ea51361ed84bda",
        "https://www.google.com/maps/search/restaurants+near+me/@44.0,-71.9,10z",
        "https://www.google.com/maps/search/?api=1&query=centurylink%2Bfield",
        "https://www.google.com/maps/dir/New+York,+NY/Los+Angeles,+CA/@39.5,-96.1,5z",
        "https://www.google.com/maps?q=12,5+Main+St",
        "https://maps.google.com?cid=123456789",
        "https://www.google.com/maps/d/edit?mid=abcdef",
        "https://maps.apple.com/?q=Central+Park&sll=50.894967,4.341626&z=10",
        "https://maps.apple.com/place?auid=17017496253231963769&lsp=7618",
        "https://ul.waze.com/ul?venue_id=183894452.1839010060.260192",
        "https://www.waze.com/live-map/directions?to=place.w.183894452.1839010060.260192",
        "https://waze.com/ul?q=66%20Acacia%20Avenue",
        "https://www.openstreetmap.org/node/6284640534",
        "https://www.openstreetmap.org/relation/910699#map=7/51.9/-1.0",
        "https://yandex.com/maps/org/94933420809/",
        "geo:0,0?q=34+Main+Street",
        "https://example.com/about",
        "http://[",
    ],
)
def test_a_link_that_only_names_a_place_is_no_position(link: str) -> None:
    with pytest.raises(BadCoordinates, match="holds no position"):
        parse_link(link)


def test_other_reference_systems_are_refused() -> None:
    with pytest.raises(BadCoordinates, match="WGS84"):
        parse_link("geo:44.0,-71.9;crs=Moon-2011")


def test_a_link_is_decoded_once() -> None:
    with pytest.raises(BadCoordinates):
        parse_link("https://www.google.com/maps/search/?api=1&query=44.0019%252C-71.9974")


# What links are written with: Waze and others cut at six decimals.
LAT = st.floats(-90, 90).map(lambda value: round(value, 6))
LON = st.floats(-180, 180).map(lambda value: round(value, 6))
FORMS = [
    "https://www.google.com/maps/place/A+b/@1.0,2.0,15z/data=!3m1!8m2!3d{lat}!4d{lon}!16s",
    "https://www.google.com/maps/@{lat},{lon},17z",
    "https://maps.apple.com/?ll={lat},{lon}&q=Home",
    "https://waze.com/ul?ll={lat}%2C{lon}",
    "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=15/1/2",
    "https://yandex.com/maps/?pt={lon}%2C{lat}&ll=1,2",
    "https://www.bing.com/maps?cp={lat}~{lon}&lvl=15",
    "geo:{lat},{lon};u=5",
    "geo:0,0?q={lat},{lon}(Home)",
]


@pytest.mark.parametrize("form", FORMS)
@given(lat=LAT, lon=LON)
def test_a_position_survives_every_form(form: str, lat: float, lon: float) -> None:
    found = parse_link(form.format(lat=f"{lat:.6f}", lon=f"{lon:.6f}"))
    assert found is not None
    assert (found.lat, found.lon) == pytest.approx((lat, lon))


@given(lat=LAT, lon=LON, name=st.text(max_size=30))
def test_our_own_links_can_be_pasted_back(lat: float, lon: float, name: str) -> None:
    place = Place("venue-1", name, "cafe", Point(lon, lat))
    for link in map_links(place).values():
        found = parse_link(link)
        assert found is not None
        assert (found.lat, found.lon) == pytest.approx((lat, lon))


@given(st.text(max_size=60), st.sampled_from(["https://www.google.com/maps/", "geo:0", "om://"]))
def test_any_link_is_a_position_or_refused(text: str, start: str) -> None:
    for link in find_links(start + text) + find_links(start + quote(text)):
        try:
            found = parse_link(link)
        except BadCoordinates:
            continue
        assert found is not None
