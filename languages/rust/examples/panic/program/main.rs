fn main() {
    let numbers: Vec<u32> = Vec::new();
    let first = *numbers.first().expect("a number");
    println!("{first}");
}
