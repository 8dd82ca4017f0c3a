package library

const Answer = 42
