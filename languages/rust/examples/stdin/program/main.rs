use std::io;

fn main() -> io::Result<()> {
    let text = io::read_to_string(io::stdin())?;
    let sum: i64 = text.split_whitespace().flat_map(str::parse::<i64>).sum();
    println!("{sum}");
    Ok(())
}
