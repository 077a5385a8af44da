//! What each account holds.

use std::collections::BTreeMap;

/// Why a transfer is refused.
pub enum Refusal {
    Malformed,
    NotEnough,
    TooMuch,
}

#[derive(Clone, Default)]
pub struct Accounts {
    held: BTreeMap<String, i64>,
}

impl Accounts {
    pub fn balance(&self, name: &str) -> i64 {
        self.held.get(name).copied().unwrap_or(0)
    }

    /// Moves an amount, as `from to amount` says.
    pub fn transfer(&mut self, line: &str) -> Result<(), Refusal> {
        let mut words = line.split_whitespace();
        let (from, to, amount) = match (words.next(), words.next(), words.next(), words.next()) {
            (Some(from), Some(to), Some(amount), None) => (from, to, amount),
            _ => return Err(Refusal::Malformed),
        };
        let amount: u32 = amount.parse().map_err(|_| Refusal::Malformed)?;
        let left = self
            .balance(from)
            .checked_sub(i64::from(amount))
            .ok_or(Refusal::TooMuch)?;
        if left < 0 && from != "bank" {
            return Err(Refusal::NotEnough);
        }
        self.held.insert(from.to_owned(), left);
        let sum = self
            .balance(to)
            .checked_add(i64::from(amount))
            .ok_or(Refusal::TooMuch)?;
        self.held.insert(to.to_owned(), sum);
        Ok(())
    }
}
