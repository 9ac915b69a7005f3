"""Answers by email (docs/decisions/0028): `reading` takes a message apart, `cutting` finds what is new in it, `services` posts it,
`mailbox` fetches it."""
