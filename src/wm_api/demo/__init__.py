"""The main job in one command, on a scratch installation that leaves nothing behind."""

from wm_api.demo.run import run_demo

__all__ = ["run_demo"]
