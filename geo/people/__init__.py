"""People: who is on the roster, what they agreed to, and what others may do with it.

Every function takes the store and the id of who acts, looks that person up, asks
`geo.privacy.may_see`, does the work and writes it to the audit, in one transaction
(`geo.people.authorised`). Pages and commands call these, and nothing of `geo.store` that writes.

``admission`` signs people in and invites them. ``profile``, ``homes`` and ``preferences`` are for
oneself. ``colleagues`` finds who lives nearby. ``roster`` is for planners; ``roster_import`` fills
it from a table, which ``roster_table`` reads. ``plan_inputs`` is the roster as a plan takes it,
``saved_plans`` what became of plans, ``venues`` the organisation's own places. ``sample`` enters
the fictional staff.
"""
