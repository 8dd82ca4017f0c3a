package numbers

const Answer = 42
