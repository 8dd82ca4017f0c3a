const numbers = require("node:fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
console.log(numbers.reduce((sum, number) => sum + number));
