import { greeting } from "./greeting.js";

console.log(`${greeting} from a module: ${process.argv[2]}`);
