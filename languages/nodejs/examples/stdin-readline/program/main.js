const { createInterface } = require("node:readline/promises");

const { stdin: input, stdout: output } = process;
const person = createInterface({ input, output });
person.question("first? ").then(async (first) => {
    console.log(Number(first) + Number(await person.question("second? ")));
    person.close();
});
