"""The spam engine: analyses a comment once, applies small rules, and scores it with what moderators taught.

Nothing here uses the database or a request. `text` analyses a comment, `rules` yield reasons, `classifier` is
trained by decisions, `history` remembers hosts and near-duplicates, `scorer` combines them.
"""
