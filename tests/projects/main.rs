//! Projects' servers: scripted ones, over real sockets, with a clock that tests move. What is asked, how often, and what becomes of
//! every answer.

mod attached;
mod coverage;
mod day;
mod faults;
mod floods;
mod hosts;
mod pace;
mod process;
#[path = "../support/mod.rs"]
mod support;
mod values;
mod world;
