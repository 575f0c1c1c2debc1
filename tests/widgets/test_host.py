"""The model that stands in for a kernel's, run in Node: the anywidget front-end module's interface."""


def test_get_set_and_change_events(node):
    seen = node(
        "host",
        """(() => {
        const model = m.makeModel({ a: 1, list: [1, 2] }), seen = [];
        model.on("change:a", (from, value) => seen.push(["change:a", from === model, value]));
        model.on("change", (from) => seen.push(["change", from === model]));
        model.set("a", 2); model.set("a", 2);             // the second is no change
        model.set("list", [1, 2]); model.set("list", [1, 3]);
        model.save_changes(); model.send({ type: "ping" });
        return { seen, a: model.get("a"), list: model.get("list"), none: model.get("nothing") === undefined, static: model.static };
    })()""",
    )
    assert seen == {
        "seen": [["change:a", True, 2], ["change", True], ["change", True]],
        "a": 2,
        "list": [1, 3],
        "none": True,
        "static": True,
    }


def test_off_with_and_without_a_callback(node):
    counts = node(
        "host",
        """(() => {
        const model = m.makeModel({ a: 0 }), count = { f: 0, g: 0, all: 0 };
        const f = () => count.f++, g = () => count.g++;
        model.on("change:a", f); model.on("change:a", g); model.on("change:a change", () => count.all++);
        model.set("a", 1); model.off("change:a", f);
        model.set("a", 2); model.off("change:a");
        model.set("a", 3); model.off();
        model.set("a", 4);
        return count;
    })()""",
    )
    assert counts == {"f": 1, "g": 2, "all": 5}


def test_a_listener_may_remove_itself(node):
    assert node(
        "host",
        """(() => {
        const model = m.makeModel({ a: 0 }), seen = [];
        const once = () => { seen.push("once"); model.off("change:a", once); };
        model.on("change:a", once); model.on("change:a", () => seen.push("always"));
        model.set("a", 1); model.set("a", 2);
        return seen;
    })()""",
    ) == ["once", "always", "always"]


def test_bytes_are_compared_by_content(node):
    assert (
        node(
            "host",
            """(() => {
        const view = (...bytes) => new DataView(Uint8Array.from(bytes).buffer);
        const model = m.makeModel({ a: view(1, 2) }); let changes = 0;
        model.on("change:a", () => changes++);
        model.set("a", view(1, 2)); model.set("a", view(1, 3)); model.set("a", view(1));
        return changes;
    })()""",
        )
        == 2
    )
