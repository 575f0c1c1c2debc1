"""Style sheets that come from others, without the rules for what no page has."""

from rnnbook.publish.site import minify


def test_only_rules_that_a_page_can_need_are_left():
    sheet = (
        ".sd-card,.sd-tab{color:red}.sd-tab{color:blue}.sd-card>.sd-tab{top:0}p{left:0}"
        "@media print{.sd-tab{color:black}}@media (min-width:9px){.sd-tab{top:1px}.sd-card:hover{top:2px}}"
        "@keyframes sd-in{from{opacity:0}to{opacity:1}}:root{--sd:1}"
    )
    assert minify.only(sheet, {"sd-card"}) == (
        ".sd-card,.sd-tab{color:red}p{left:0}@media (min-width:9px){.sd-card:hover{top:2px}}"
        "@keyframes sd-in{from{opacity:0}to{opacity:1}}:root{--sd:1}"
    )
    assert minify.only(sheet, {"sd-card", "sd-tab"}) == sheet
