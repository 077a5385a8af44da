//! A ledger: reads transfers as text, one per line, and tells what an account holds.
//!
//! The caller asks `buffer(length)` where to write its text, writes it, and calls `apply`.
//! A line reads `from to amount`; the account `bank` may go below zero, no other may.

mod accounts;

use accounts::{Accounts, Refusal};
use std::cell::RefCell;

thread_local! {
    static TEXT: RefCell<Vec<u8>> = RefCell::new(Vec::new());
    static ACCOUNTS: RefCell<Accounts> = RefCell::new(Accounts::default());
}

/// Makes room for `length` bytes of text and says where.
#[no_mangle]
pub extern "C" fn buffer(length: usize) -> *mut u8 {
    TEXT.with(|text| {
        let mut text = text.borrow_mut();
        text.clear();
        text.resize(length, 0);
        text.as_mut_ptr()
    })
}

/// Applies every line of the text, or none: 0, or the number of the line that is refused.
#[no_mangle]
pub extern "C" fn apply() -> u32 {
    TEXT.with(|text| {
        ACCOUNTS.with(|accounts| {
            let mut next = accounts.borrow().clone();
            match apply_lines(&mut next, &text.borrow()) {
                Ok(()) => {
                    *accounts.borrow_mut() = next;
                    0
                }
                Err((line, _)) => line,
            }
        })
    })
}

/// What the account named in the text holds.
#[no_mangle]
pub extern "C" fn balance() -> i64 {
    TEXT.with(|text| {
        let text = text.borrow();
        let name = String::from_utf8_lossy(&text);
        ACCOUNTS.with(|accounts| accounts.borrow().balance(name.trim()))
    })
}

fn apply_lines(accounts: &mut Accounts, text: &[u8]) -> Result<(), (u32, Refusal)> {
    let text = std::str::from_utf8(text).map_err(|_| (1, Refusal::Malformed))?;
    for (number, line) in text.lines().enumerate() {
        accounts
            .transfer(line)
            .map_err(|refusal| (number as u32 + 1, refusal))?;
    }
    Ok(())
}
