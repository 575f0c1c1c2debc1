"""A page lets the reader open what a claim rests on: every run, the test, the command that repeats it."""

import xml.etree.ElementTree as ElementTree

from rnnbook.laboratory import claims
from rnnbook.publish.site.claims import unfolding


def test_a_paragraph_with_a_claim_can_be_unfolded():
    name = "lstm-against-simple-rnn"
    family = next(claim.family for claim in claims.entries() if claim.id == name)
    decisions = claims.decide([claim for claim in claims.entries() if claim.family == family])  # all takes 11 s
    body = f'<p>One.</p><p>So <span data-claim="{name}">it is ahead</span> here.</p><p>Last.</p>'
    made = unfolding(body, decisions, "../book/laboratory")
    root = ElementTree.fromstring(f"<main>{made}</main>")
    assert [part.tag for part in root] == ["p", "p", "details", "p"]
    opened = root.find("details")
    assert len(opened.findall("svg/circle")) == sum(map(len, decisions[name].values))
    assert f"{100 * decisions[name].values[0][0]:.1f}" in opened.find("svg").get("aria-label")
    assert opened.find("p/a").get("href") == f"../book/laboratory/comparison.html#claim-{name}"
    assert unfolding("<p>Nothing.</p>", decisions, "") == "<p>Nothing.</p>"
