// Loaded where a person types. A program that has closed its readline is done; but on a pipe Node
// reads ahead once more after that, and waits for input, or its end, that never comes.
"use strict";

const own = Object.getOwnPropertyDescriptor(process, "stdin");
let stream;

function stopReading() {
    const reads = stream.readableFlowing || stream.listenerCount("readable") > 0;
    if (reads || !stream._handle?.reading) return;
    stream._readableState.reading = false;
    stream._handle.reading = false;
    stream._handle.readStop();
}

function get() {
    if (!stream) {
        stream = own.get.call(process);
        stream.on("pause", () => setImmediate(stopReading));
    }
    return stream;
}

Object.defineProperty(process, "stdin", { ...own, get });
