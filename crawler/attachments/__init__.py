"""What an attached file is and says: hostile bytes to facts, with every parser behind checks and in a child process.

Nothing is imported here, as the child process must start quickly: take `examine` and `examine_soon` from
`crawler.attachments.examining`, `check_claims` from `crawler.attachments.claims`.
"""
