module.exports = ({ name }) => console.log(`Hello, ${name}!`);
