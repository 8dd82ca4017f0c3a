import { setTimeout } from "node:timers/promises";

const answer = await setTimeout(1, 42);
console.log(answer, typeof require === "undefined" ? "of a module" : "of a script");
