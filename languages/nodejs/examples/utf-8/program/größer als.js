const größer = "größer";
const args = process.argv.slice(2);
console.log(größer, "≥ 東京 🙂");
console.log(`${args.length}:`, ...args.map((text) => `[${text}]`));
