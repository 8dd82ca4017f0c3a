const brackets = require("brackets");

console.log(process.env.GREETING, ...process.argv.slice(2).map(brackets));
