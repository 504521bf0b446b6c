"""The menu of keys and words before the bot (IVR). Pure.

    menus = load_menus(folder / "routing" / "menu.yaml")
    menu = build_menu(menus, "main", errands)
    state, acts = step(menu, State(), Entered("zh"))

`agent.pipeline.ivr` carries the acts out on a live line, through a `Visit`.
"""

from agent.routing.menu.check import check_menus, load_menus
from agent.routing.menu.config import Menus
from agent.routing.menu.menu import Menu, build_menu
from agent.routing.menu.moments import Act, Entered, Go, Key, Moment, Said, Silence, Speak, State
from agent.routing.menu.step import step
from agent.routing.menu.visit import Guidance, Visit

__all__ = [
    "Act",
    "Entered",
    "Go",
    "Guidance",
    "Key",
    "Menu",
    "Menus",
    "Moment",
    "Said",
    "Silence",
    "Speak",
    "State",
    "Visit",
    "build_menu",
    "check_menus",
    "load_menus",
    "step",
]
