"""The base of every widget: one class, alive in Jupyter, in Colab and in a page without a kernel.

A widget is a pair of files, ``NAME.py`` with a subclass of `Live` and ``NAME.js`` with its drawing, and its name in
``__init__.py``::

    # counter.py
    import traitlets as T

    from .live import Live
    from .picture import Svg

    class Counter(Live):
        '''Counts.'''
        count = T.Int(0).tag(sync=True)

        def alt_text(self):
            return f"A counter that stands at {self.count}."

        def picture(self):
            return Svg(200, 60).text(100, 35, str(self.count)).svg()

    // counter.js
    import { live } from "./kit.js";
    export default live("Counter", (ui) => { ui.body.append(ui.slider("count", {...})); });

The JavaScript is an ES module with the interface of the anywidget front-end module standard
(https://anywidget.dev/en/afm/). It may import other modules of this folder or one within, in one form only,
``import { a, b } from "./kit.js";``, and hand on what it imports, ``export { a, b } from "./dom.js";``; `bundle` joins
them into one text, so no address has to be reachable.

In a kernel the widget is an ordinary ``AnyWidget``. Its output also carries a ``text/html`` twin: a fallback
picture with alt text, the traits as JSON, the same modules, and ``host.js``, which plays the part of the
kernel's model. The twin has no ids and finds its parts relative to itself, so any number of copies may stand
on one page. `share_scripts` drops the modules that a page would otherwise hold more than once.

Heavy data that a reader may never want, such as trained weights, stays out of the output. A widget names it
in ``Live.assets`` and hands it over with ``Live.asset``; its JavaScript asks with ``await ui.asset(name)`` and gets a
``DataView``:

- in a kernel by a custom message;
- in a static page from ``_static/rnnbook-weights/NAME.js``, the text that `asset_script` makes. It is a script
  that calls back and no data file, because a page opened from disk may load scripts but not fetch files. The book's
  build writes one for each asset of each widget.

On paper stands the picture, unless ``Live.on_paper`` has something better.
"""

import base64
import functools
import hashlib
import html
import json
import re
import sys
import urllib.parse
from pathlib import Path

import anywidget
from IPython.display import display

from ..errors import CourseError
from .facts import facts, tokenizer

HERE = Path(__file__).parent
HOW_ALIVE = (
    "This is a picture of an interactive figure. It comes alive in the book, where JavaScript is on, "
    "and in a notebook once you run its cell."
)

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.\.?/(?:\w+/)?(\w+))\.js";\n', re.M)
_HANDED_ON = re.compile(r'^export \{([^}]*)\} from "\./((\w+))\.js";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.M)
# In these modules data from Python take the place of a word.
_FILLED = {"facts.js": ('"FACTS"', facts), "tokenize.js": ('"TOKENIZER"', tokenizer)}
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/)[ \t]*\n", re.M | re.S)
_ASSET_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SHARED = re.compile(r'<script [^>]*data-rnnbook-(?:module|host)="(\w+)">.*?</script>\n?', re.S)


@functools.cache
def bundle(path):
    """Return the module at `path` and all it imports as a tuple of texts, which joined are one ES module.

    An imported module becomes ``const $kit = (() => {...; return {names}})();``, so that private names of two
    modules cannot meet; ``import { a as b } from "./kit.js";`` becomes ``const { a: b } = $kit;``, and what is handed on
    is read where it lies, ``return { a: $dom.a };``. Comments on lines of their own are dropped. Raises CourseError for an import or export in any other form.
    """
    texts = {}
    _add(texts, Path(path), entry=True)
    return tuple(texts.values())


@functools.cache
def part(path, given):
    """Return the module at `path` and all it imports as the text of one ES module that a page loads later.

    Its default export is a function that takes an object of modules, of which it uses those that `given` names
    (``("$kit",)``), and returns its own in the same form. `load` in parts.js calls it.
    """
    texts = dict.fromkeys((name[1:] for name in given), "")
    _add(texts, Path(path), entry=False)
    own = ", ".join(f"${name}" for name, text in texts.items() if text)
    return f"export default ({{ {', '.join(given)} }}) => {{\n{''.join(texts.values())}return {{ {own} }};\n}};\n"


def _add(texts, file, entry):
    """Add the text of a module and those it imports to the dictionary `texts`, unless they stand there."""
    text = _COMMENT.sub("", file.read_text("utf-8"))
    if file.name in _FILLED:
        word, data = _FILLED[file.name]
        text = text.replace(word, json.dumps(_json(data())))
    for _, place, name in _IMPORT.findall(text) + _HANDED_ON.findall(text):
        if name not in texts:
            _add(texts, file.parent / f"{place}.js", entry=False)
    text = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = ${m[3]};\n", text)
    handed_on = [(name.strip(), module) for names, _, module in _HANDED_ON.findall(text) for name in names.split(",")]
    text = _HANDED_ON.sub("", text)
    names = _EXPORT.findall(text) + [f"{name}: ${module}.{name}" for name, module in handed_on]
    if entry:
        text += "".join(
            f"const ${module}_{name} = ${module}.{name};\nexport {{ ${module}_{name} as {name} }};\n"
            for name, module in handed_on
        )
    else:
        text = _EXPORT.sub("", text)
        text = f"const ${file.stem} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();\n"
    if left := re.search(r"^import\b.*" if entry else r"^(?:import|export)\b.*", text, re.M):
        raise CourseError(
            f'{file.name}: write "{left[0]}" as import {{ a }} from "./name.js"; or export function/const/class.'
        )
    texts[file.stem] = text


def _json(value):
    """JSON that may stand inside a script element: no ``<``, no line separators, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def _host():
    module = _EXPORT.sub("", "".join(bundle(HERE / "host.js")))
    return f'<script data-rnnbook-host="{_hash(module)}">(() => {{\n{module}scan(document);\n}})();</script>\n'


def share_scripts(page, seen=None):
    """Return the HTML `page` (or a part of it) with every module and host of widgets kept once, at its first place.

    seen: the keys of the scripts that stand before; those of this part are added.
    """
    seen = set() if seen is None else seen
    return _SHARED.sub(lambda m: "" if m[1] in seen else (seen.add(m[1]) or m[0]), page)


def asset_script(name, data):
    """Return the text of ``_static/rnnbook-weights/NAME.js``, which hands `data` to the widgets that ask for `name`.

    data: bytes go as base64, a text as it is, which a server can compress far better.
    """
    if not _ASSET_NAME.fullmatch(name):
        raise CourseError(f"{name!r} cannot be an asset's name: use lower-case letters, digits, - and _.")
    if isinstance(data, str):
        # Between single quotes: code is full of double ones, and would grow by a backslash for each.
        text = json.dumps(data, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
        return f'rnnbookAsset("{name}",\'{text}\',"text");\n'
    return f'rnnbookAsset("{name}","{base64.b64encode(data).decode()}");\n'


class Live(anywidget.AnyWidget):
    """A widget whose output also works without a kernel. See the module's text for how to write one.

    Subclasses tag their settings with ``sync=True`` and give `alt_text` and `picture`. A setting whose value is
    ``bytes`` arrives in JavaScript as a ``DataView``.
    """

    def __init_subclass__(cls, **kwargs):
        own = vars(cls).get("_esm")
        source = getattr(sys.modules[cls.__module__], "__file__", None)
        if isinstance(own, str):
            cls._modules = (own,)
        elif own is None and source and (file := Path(source).with_suffix(".js")).exists():
            cls._modules = bundle(file)
            cls._esm = "".join(cls._modules)
        super().__init_subclass__(**kwargs)

    def __init__(self, **settings):
        known = self.settings()
        if unknown := [name for name in settings if name not in self.trait_names()]:
            raise TypeError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {', '.join(known)}.")
        super().__init__(**settings)
        self.on_msg(self._answer)

    @classmethod
    def settings(cls):
        """Return the names of the synchronised traits that this widget adds."""
        base = anywidget.AnyWidget.class_trait_names()
        return sorted(name for name in cls.class_trait_names(sync=True) if name not in base and name[0] != "_")

    def alt_text(self):
        """Return in a sentence or two what `picture` shows."""
        return f"Interactive figure {type(self).__name__}."

    def picture(self):
        """Return an SVG of the present state, for readers without JavaScript. Legible on white and on black."""
        raise NotImplementedError(f"{type(self).__name__} needs a method picture() that returns an SVG.")

    @classmethod
    def assets(cls) -> tuple[str, ...]:
        """Return the names of all that `asset` has."""
        return ()

    @classmethod
    def asset(cls, name) -> bytes | str:
        """Return heavy data by name: bytes, or JavaScript as a text, which the book's build makes small.

        Raises KeyError where the widget has none of that name, CourseError where it has not been made yet.
        """
        raise KeyError(name)

    @classmethod
    def on_paper(cls, settings) -> list:
        """Return the docutils nodes that stand for a widget with these settings in the printed edition; [] for its picture."""
        return []

    def _answer(self, _, content, buffers):
        if content.get("type") != "asset":
            return
        name = content["name"]
        try:
            data = self.asset(name)
            self.send({"type": "asset", "name": name}, buffers=[data.encode() if isinstance(data, str) else data])
        except Exception as error:  # the reader sees the reason in the widget, whatever it is
            self.send({"type": "asset", "name": name, "error": f"{type(error).__name__}: {error}"})

    def html(self):
        """Return the self-contained twin: picture, settings and scripts. Equal settings give equal text."""
        state, binary = {}, {}
        for name, value in self.get_state(self.settings()).items():
            if isinstance(value, (bytes, bytearray, memoryview)):
                binary[name] = base64.b64encode(bytes(value)).decode()
            else:
                state[name] = value
        name = type(self).__name__
        modules = [(_hash(text), text) for text in self._modules]
        picture = urllib.parse.quote(self.picture(), safe="/:=,;()-.?'")  # compresses better than base64
        data = _json({"state": state, "bytes": binary, "modules": [key for key, _ in modules]})
        scripts = "".join(
            f'<script type="application/json" data-rnnbook-module="{key}">{_json(text)}</script>\n'
            for key, text in modules
        )
        return (
            f'<div class="rnnbook-widget">\n<div data-widget="{name}" data-live="picture">'
            f'<img alt="{html.escape(self.alt_text())}" style="width:100%;max-width:720px;height:auto" '
            f'src="data:image/svg+xml,{picture}">'
            f"<p>{HOW_ALIVE}</p></div>\n"
            f'<script type="application/json" data-rnnbook-state="{_hash(data)}">{data}</script>\n'
            f"{scripts}{_host()}</div>\n"
        )

    def _repr_mimebundle_(self, **kwargs):
        bundled = super()._repr_mimebundle_(**kwargs)
        if bundled is None:
            return None
        data, metadata = bundled
        return {**data, "text/html": self.html()}, metadata

    if hasattr(anywidget.AnyWidget, "_ipython_display_"):  # ipywidgets 7, as in Colab: nobody asks for the bundle

        def _ipython_display_(self, **kwargs):
            data, metadata = self._repr_mimebundle_()  # pyright: ignore[reportGeneralTypeIssues]
            display(data, metadata=metadata, raw=True)
            self._handle_displayed(**kwargs)  # pyright: ignore[reportAttributeAccessIssue]

    def __repr__(self):
        """No address: stored outputs are compared."""
        return f"{type(self).__name__}()"
