//! Takes the terminal and panics at the next key, in `main` or in a `thread`: the terminal is to be given back before that is told.

use orderctl::console::run::Screen;
use std::{
    env,
    io::{self, Read},
    thread,
};

fn main() -> io::Result<()> {
    let mut screen = Screen::take()?;
    screen.draw(|frame| frame.render_widget("taken", frame.area()))?;
    let waited = io::stdin().read_exact(&mut [0]);
    match env::args().nth(1).as_deref() {
        Some("thread") => {
            thread::spawn(fail).join().map_err(|_| io::Error::other("a thread has panicked"))?
        }
        _ => fail(),
    }
    waited
}

fn fail() {
    panic!("as it was asked to");
}
