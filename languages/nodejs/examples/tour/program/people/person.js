const greet = require("./greet");

exports.Person = class Person {
    constructor(name, age) {
        Object.assign(this, { name, age });
    }

    greet() {
        greet(this);
    }

    ageIn(years) {
        return this.age + years;
    }
};
