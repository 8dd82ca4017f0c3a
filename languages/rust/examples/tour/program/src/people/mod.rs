pub struct Person {
    pub name: String,
    pub age: u32,
}

impl Person {
    pub fn age_in(&self, years: u32) -> u32 {
        self.age + years
    }
}

#[cfg(test)]
mod tests;
