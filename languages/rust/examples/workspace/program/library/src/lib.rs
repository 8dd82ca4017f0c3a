pub fn factorial(number: u64) -> u64 {
    (1..=number).product()
}
