// Loaded before a query, which is saved elsewhere: what it requires and imports is looked for
// from the work directory.
"use strict";

const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const { isMainThread } = require("node:worker_threads");

const query = process.argv[1];
const place = join(process.cwd(), "query.js");

function lookForRequired() {
    const resolve = Module._resolveFilename;
    const paths = Module._nodeModulePaths(process.cwd());
    Module._resolveFilename = (request, parent, ...options) => {
        const from = parent?.filename === query ? { ...parent, filename: place, paths } : parent;
        return resolve(request, from, ...options);
    };
}

// Node has this done by a thread, which takes as long to start as Node itself.
function lookForImported() {
    const [from, to] = [query, place].map((path) => JSON.stringify(pathToFileURL(path)));
    const hook = `export const resolve = (name, context, next) =>
        next(name, context.parentURL === ${from} ? { ...context, parentURL: ${to} } : context);`;
    Module.register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

if (isMainThread) {
    // What the query forks is no query.
    process.execArgv.splice(process.execArgv.indexOf("--require"), 2);
    lookForRequired();
    if (/\b(import|export)\b/.test(readFileSync(query, "utf8"))) lookForImported();
}
