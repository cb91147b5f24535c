"""PURE: the canonical record kinds, shared by server and agent."""
