const { createInterface } = require("node:readline/promises");
const { Person } = require("./people/person");

async function main(times = 1) {
    const user = createInterface({ input: process.stdin, output: process.stdout });
    const name = await user.question("What is your name? ");
    const person = new Person(name, Number(await user.question("How old are you? ")));
    user.close();
    for (let count = 0; count < times; count++) person.greet();
    console.log(`In 10 years you will be ${person.ageIn(10)}.`);
}

main(process.argv[2]);
