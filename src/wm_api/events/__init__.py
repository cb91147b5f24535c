"""The append-only log: audit, feed and source of webhooks in one."""
