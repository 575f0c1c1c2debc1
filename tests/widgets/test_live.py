"""The base class: what it puts into a page, and what it refuses."""

import gzip
import json
import re
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import traitlets as T

from rnnbook import widgets
from rnnbook.widgets import GradientFlow, StateSpace, Unfold
from rnnbook.widgets.live import HERE, Live, _hash, asset_script, bundle, part, share_scripts

ROOT = Path(__file__).parents[2]
HOSTILE = "</script><script>alert(1)</script><!-- \u2028 \" ' & <b>$Z$"


class Echo(Live):
    text = T.Unicode("").tag(sync=True)
    data = T.Bytes(b"").tag(sync=True)
    _esm = 'export default { render({ model, el }) { el.textContent = model.get("text"); } };'

    def picture(self):
        return "<svg xmlns='http://www.w3.org/2000/svg'/>"

    def alt_text(self):
        return self.text


def test_equal_settings_give_equal_text():
    assert StateSpace(radius=0.9).html() == StateSpace(radius=0.9).html()
    assert StateSpace(radius=0.9).html() != StateSpace(radius=0.8).html()
    assert " id=" not in re.sub(r'<script type="application/json".*?</script>', "", StateSpace().html(), flags=re.S)


def test_the_output_carries_both_views_and_no_address():
    data, _ = StateSpace()._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= set(data)
    assert data["text/plain"] == "StateSpace()"


def test_only_settings_of_the_widget_are_in_the_page():
    html = StateSpace().html()
    state = json.loads(re.search(r'data-rnnbook-state="\w+">(.*?)</script>', html)[1])
    assert sorted(state["state"]) == StateSpace.settings() and "_esm" not in html


def test_bytes_travel_as_base64():
    state = json.loads(re.search(r'data-rnnbook-state="\w+">(.*?)</script>', GradientFlow().html())[1])
    assert list(state["bytes"]) == ["system"] and "system" not in state["state"]


def test_hostile_strings_stay_inside_their_script():
    html = Echo(text=HOSTILE).html()
    assert (
        html.count("</script>") == 3 and "<!--" not in html and "\u2028" not in html.split("alt=")[1].split("src=")[1]
    )
    assert json.loads(re.search(r'data-rnnbook-state="\w+">(.*?)</script>', html)[1])["state"]["text"] == HOSTILE


def test_an_unknown_setting_is_named():
    with pytest.raises(TypeError, match="StateSpace has no setting 'radus'; it has activation, angle"):
        StateSpace(radus=1)
    with pytest.raises(T.TraitError):
        StateSpace(radius=7)


def test_a_subclass_of_a_widget_keeps_its_javascript():
    class Mine(StateSpace):
        pass

    modules = lambda widget: re.findall(r'data-rnnbook-module="(\w+)"', widget.html())
    assert modules(Mine()) == modules(StateSpace()) and len(modules(Mine())) > 2


def test_a_page_holds_shared_scripts_once():
    page = StateSpace().html() + Unfold().html() + StateSpace().html()
    shared = share_scripts(page)
    assert shared.count("data-rnnbook-host") == 1
    keys = re.findall(r'data-rnnbook-module="(\w+)"', shared)
    assert len(keys) == len(set(keys)) == len({*StateSpace._modules, *Unfold._modules})
    assert shared.count("data-rnnbook-state=") == 3 and share_scripts(shared) == shared


def test_stored_widgets_bring_the_modules_that_the_package_has():
    """What they load later, like a race, is built from the package, and asks for what its kit has now."""
    present = {_hash(text) for name in widgets.__all__ for text in getattr(widgets, name)._modules}
    stored = {
        (path.name, key)
        for path in ROOT.glob("notebooks/*.ipynb")
        for key in re.findall(r'data-rnnbook-module=\\"(\w+)', path.read_text("utf-8"))
    }
    assert len(stored) > 14
    assert {(name, key) for name, key in stored if key not in present} == set(), "execute these notebooks again"


def test_modules_are_joined_by_one_rule(tmp_path):
    (tmp_path / "kit.js").write_text("/** Doc. */\nexport const one = 1;\nconst hidden = 2;\n", "utf-8")
    (tmp_path / "mine.js").write_text(
        'import { one as first } from "./kit.js";\n// why\nconst hidden = first;\nexport default hidden;\n', "utf-8"
    )
    kit, mine = bundle(tmp_path / "mine.js")
    assert kit == "const $kit = (() => {\nconst one = 1;\nconst hidden = 2;\nreturn { one };\n})();\n"
    assert mine == "const { one: first } = $kit;\nconst hidden = first;\nexport default hidden;\n"


def test_a_module_may_hand_on_what_another_one_holds(tmp_path):
    (tmp_path / "dom.js").write_text("export const h = 1;\nexport const s = 2;\n", "utf-8")
    (tmp_path / "kit.js").write_text(
        'import { h } from "./dom.js";\nexport { h, s } from "./dom.js";\nexport const two = 2 * h;\n', "utf-8"
    )
    (tmp_path / "mine.js").write_text('import { s, two } from "./kit.js";\nexport default s + two;\n', "utf-8")
    _, kit, mine = bundle(tmp_path / "mine.js")
    assert kit.endswith("return { two, h: $dom.h, s: $dom.s };\n})();\n")
    assert mine == "const { s, two } = $kit;\nexport default s + two;\n"
    alone = "".join(bundle(tmp_path / "kit.js"))
    assert "export { $dom_h as h };" in alone and "export { $dom_s as s };" in alone


@pytest.mark.parametrize(
    "line",
    ['import * as kit from "./kit.js";', 'import x from "https://example.org/x.js";', 'import { a } from "pkg";'],
)
def test_other_imports_are_refused(tmp_path, line):
    (tmp_path / "mine.js").write_text(line + "\nexport default {};\n", "utf-8")
    with pytest.raises(ValueError, match="write"):
        bundle(tmp_path / "mine.js")


def test_a_part_brings_only_what_its_widget_does_not_have(tmp_path, node_program):
    (tmp_path / "kit.js").write_text("export const one = 1;\n", "utf-8")
    (tmp_path / "more.js").write_text('import { one } from "./kit.js";\nexport const two = 2 * one;\n', "utf-8")
    (tmp_path / "mine.js").write_text('import { one } from "./kit.js";\nexport { two } from "./more.js";\n', "utf-8")
    text = part(tmp_path / "mine.js", ("$kit",))
    assert "const one = 1" not in text
    (tmp_path / "part.mjs").write_text(text, "utf-8")
    (tmp_path / "main.mjs").write_text(
        'import part from "./part.mjs"; console.log(JSON.stringify(part({ $kit: { one: 4 } })));', "utf-8"
    )
    done = subprocess.run([node_program, tmp_path / "main.mjs"], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout) == {"$more": {"two": 8}, "$mine": {"two": 8}}


def test_a_text_arrives_as_it_was(node_program, tmp_path):
    text = """it's "so", `${so}` \\" \\\\' </script>\n\t\u2028 é"""
    (tmp_path / "main.js").write_text(
        f"globalThis.rnnbookAsset = (_, text) => console.log(JSON.stringify(text));\n{asset_script('words', text)}",
        "utf-8",
    )
    done = subprocess.run([node_program, tmp_path / "main.js"], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout) == text


def test_an_asset_is_handed_over_by_its_name():
    assert asset_script("lstm-1", b"\x00\xff") == 'rnnbookAsset("lstm-1","AP8=");\n'
    assert asset_script("words", 'é"</script>') == """rnnbookAsset("words",'é"</script>',"text");\n"""
    with pytest.raises(ValueError, match="lower-case"):
        asset_script("../x", b"")


def test_a_kernel_answers_for_assets():
    sent = []

    class Heavy(Echo):
        @classmethod
        def asset(cls, name):
            return {"weights": b"abc", "code": "é = 1;"}[name]

        def send(self, content, buffers=None):
            sent.append((content, buffers))

    heavy = Heavy()
    heavy._answer(heavy, {"type": "asset", "name": "weights"}, [])
    heavy._answer(heavy, {"type": "asset", "name": "code"}, [])
    heavy._answer(heavy, {"type": "asset", "name": "other"}, [])
    heavy._answer(heavy, {"type": "else"}, [])
    assert sent == [
        ({"type": "asset", "name": "weights"}, [b"abc"]),
        ({"type": "asset", "name": "code"}, ["é = 1;".encode()]),
        ({"type": "asset", "name": "other", "error": "KeyError: 'other'"}, None),
    ]


def size(text):
    return len(gzip.compress(text.encode())) / 1000


def test_widgets_fit_a_page(twins):
    """At most 60 kB gzip for every widget alone, and for the scripts of all of them together."""
    alone = {name: size(html) for name, html in twins.items()}
    together = share_scripts("".join(twins.values()))
    scripts = size("".join(re.findall(r"<script [^>]*data-rnnbook-(?:module|host).*?</script>", together, re.S)))
    kit = size("".join(bundle(HERE / "kit.js")))
    each = ", ".join(f"{name} {weight:.1f}" for name, weight in alone.items())
    print(f"kB gzip: {each}; scripts of all {len(twins)} {scripts:.1f}, the kit {kit:.1f}")
    assert max(*alone.values(), scripts) < 60 and kit < 15


def test_pictures_are_pictures(twins):
    for name, html in twins.items():
        alt = re.search(r'<img alt="([^"]+)"', html)[1]
        svg = ET.fromstring(urllib.parse.unquote(re.search(r'src="data:image/svg\+xml,([^"]+)"', html)[1]))
        assert len(alt) > 40 and svg.tag.endswith("svg") and len(list(svg)) > 8, name
