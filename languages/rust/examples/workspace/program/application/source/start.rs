use std::env;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let number = args[0].parse().expect("a number");
    println!("{number}! = {}, told {}", numbers::factorial(number), args[1]);
}
