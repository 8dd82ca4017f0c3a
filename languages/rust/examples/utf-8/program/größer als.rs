fn main() {
    let größe = "größer";
    let args: Vec<String> = std::env::args().skip(1).collect();
    let shown: String = args.iter().map(|arg| format!(" [{arg}]")).collect();
    println!("{größe} ≥ 東京 🙂\n{}:{shown}", args.len());
}
