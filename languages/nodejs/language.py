"""Node.js: a `package.json`, `main.js`, `main.mjs`, or the only JavaScript file."""

from polykernel_runner.language import Project, Snippet

# Also a file that is in no package may be a module.
_NODE = ("node", "--experimental-detect-module")
# What `npm start` would do; a package with neither `start` nor `main` may have a main.js.
_START = """
const { existsSync } = require("node:fs");
const { main, scripts } = JSON.parse(require("node:fs").readFileSync("package.json", "utf8"));
const file = main ? "." : ["main.js", "main.mjs", "main.cjs"].find(existsSync) ?? ".";
console.log(scripts?.start ?? `node --experimental-detect-module ${file}`);
"""
_RUN_PACKAGE = """
start=$(node --eval "$0") || exit
PATH=$PWD/node_modules/.bin:$PATH exec sh -c "$start \\"\\$@\\"" npm "$@"
"""

name = "nodejs"
projects = (
    Project(when=("package.json",), run=("sh", "-c", _RUN_PACKAGE, _START, "{args}")),
    Project(
        when=("main.js", "main.mjs", "main.cjs", "index.js", "*.js", "*.mjs", "*.cjs"),
        run=(*_NODE, "{main}", "{args}"),
    ),
)
query = Snippet(
    file="main.js",
    run=(*_NODE, "--require", "/opt/polykernel/nodejs/query.cjs", "{main}", "{args}"),
)
live_env = {"NODE_OPTIONS": "--require /opt/polykernel/nodejs/live.cjs"}
