fn main() {
    println!("client");
}
