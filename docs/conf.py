# How Sphinx makes the site, from these pages and what doxygen finds in the headers. The target docs runs both.
project = "l1loss"
copyright = "2026, the l1loss authors"
author = "the l1loss authors"

extensions = ["breathe", "myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["coverage.md"]
suppress_warnings = ["myst.header"]  # pages that include a part of another file begin below its title
nitpicky = False

breathe_default_project = "l1loss"
primary_domain = "cpp"
highlight_language = "none"

html_theme = "sphinx_rtd_theme"
html_theme_options = {"navigation_depth": 2}
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_extra_path = ["../bench/results/report.html"]

# Pages include files that link to files beside them. Those that the site has under another name:
PAGES = {"DESIGN.md": "design.html", "SECURITY.md": "security.html", "README.md": "performance.html", "hostile_input.md": "hostile_input.html",
         "tables.md": "report.html", "tables_clang.md": "report.html"}


def link(app, env, node, contnode):
    from docutils.nodes import reference
    page = PAGES.get(node["reftarget"].split("/")[-1])
    return reference("", "", contnode, refuri=page, internal=True) if page else None


def setup(app):
    app.connect("missing-reference", link)
