"""The English of signing in, of being turned away, and of who one is here."""

from __future__ import annotations

TITLE = "Sign in to Crossroads"
ABOUT = "Find places to work and people to meet, within a real drive of where you live."
PRIVATE = (
    "Your home is kept as an area, never as an address, and colleagues see it only if you say so."
)
SIGN_IN = "Sign in"
SIGN_IN_WITH = "Sign in with {provider}"
SIGN_OUT = "Sign out"
OTHER_ACCOUNT = "Use another account"
TRY_AGAIN = "Try again"

INVITED = "You are invited. Sign in with the address that the invitation came to."
ENDED = "Your sign-in has ended. Sign in again to go on."
INVALID_TITLE = "This account cannot be used"
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
INACTIVE_TITLE = "Your access has ended"
INACTIVE = (
    "You were taken off the roster. If that is a mistake, ask the person who plans your meetups."
)

NOT_YOURS = "This page is for {who}."
FOR_PLANNERS = "the people who plan meetups"
FOR_ADMINS = "the people who look after this app"
TO_START = "Go to “{page}”, or ask one of them."

YOU = "You"
ROLES = {"employee": "Employee", "planner": "Planner", "admin": "Admin"}
