"""The English of signing in, of being turned away, and of who one is here."""

from __future__ import annotations

from geo.privacy import Action, Role

TITLE = "Sign in to Crossroads"
ABOUT = "Find places to work and people to meet, within a real drive of where you live."
PRIVATE = (
    "Your home is kept as an area, never as an address, and colleagues see it only if you say so."
)
SIGN_IN = "Sign in"
SIGN_IN_WITH = "Sign in with {provider}"
SIGN_OUT = "Sign out"
OTHER_ACCOUNT = "Use another account"

INVITED = "You are invited. Sign in with the address that the invitation came to."
ENDED = "Your sign-in has ended. Sign in again to go on."
IDLE = "You were away for a while, so you were signed out. Sign in again to go on."
REFUSED_TITLE = "This account cannot be used"
INVALID = "The sign-in did not say who you are. Try again, or ask whoever runs this app."
UNVERIFIED = (
    "Your sign-in gave no e-mail address that is verified, so you cannot be found on the roster."
    " Verify it with your provider, or use another account."
)
UNKNOWN_TITLE = "You are not on the roster yet"
UNKNOWN = (
    "Nobody here is known by {email}. Ask the person who plans your meetups to invite you, or use"
    " another account."
)
LEFT_TITLE = "Your access has ended"
LEFT = "You were taken off the roster. If that is a mistake, ask the person who plans your meetups."

INVITATION_TITLE = "This invitation cannot be accepted"
UNAVAILABLE_TITLE = "Not to be reached just now"
UNAVAILABLE = "The app cannot look you up at the moment. Try again in a few minutes."

_ASK_ACCESS = "Ask one of them if you need it."
_FOR_PLANNERS = f"This page is for the people who plan meetups. {_ASK_ACCESS}"
_FOR_ADMINS = f"This page is for the people who look after this app. {_ASK_ACCESS}"
FORBIDDEN = {
    Action.PLAN: _FOR_PLANNERS,
    Action.CHANGE_VENUES: _FOR_PLANNERS,
    Action.SEE_ROSTER: _FOR_PLANNERS,
    Action.SEE_AUDIT: _FOR_ADMINS,
    Action.RUN_SYSTEM: _FOR_ADMINS,
}

SIGN_OUT_ALL = "Sign out everywhere"
SIGN_OUT_ALL_HELP = "Ends your sign-ins on every device, this one included."

YOU = "You"
ROLES = {Role.EMPLOYEE: "Employee", Role.PLANNER: "Planner", Role.ADMIN: "Admin"}
