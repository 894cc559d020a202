"""The NHS design system's macros, called from our templates as `nhsuk("error-summary", …)`.

They live in an environment of their own: they need undefined values that can be chained, while our own templates fail
on any name that Python did not give. Autoescape is forced on: their `.jinja` files are otherwise not escaped. Each call
costs about 0.3 ms, so furniture and forms use them and rows of lists do not.
"""

from collections import ChainMap
from collections.abc import MutableMapping
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup


class OneGlobals(Environment):
    """An environment whose templates have no globals of their own, so that they share its dictionary.

    Jinja lays an empty one over it for each template, and looks through both whenever one template imports another: a
    twentieth of a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return ChainMap(dict(d), self.globals) if d else self.globals


_ENVIRONMENT = OneGlobals(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    autoescape=True,
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def nhsuk(component: str, **parameters: Any) -> Markup:
    """Draw a component by its name in the design system, with the parameters of its documentation.

    Plain strings are escaped; an `html` parameter must be Markup already. Raises TemplateNotFound for an unknown name.
    """
    html = {name: value for name, value in parameters.items() if name == "html" and not isinstance(value, Markup)}
    if html:
        raise TypeError("Only Markup may be given as html.")
    module = _ENVIRONMENT.get_template(f"nhsuk/components/{component}/macro.jinja").module
    first, *rest = component.split("-")
    macro = getattr(module, first + "".join(word.capitalize() for word in rest))
    return Markup(str(macro(parameters)).strip())  # noqa: S704 - made by an environment that escapes
