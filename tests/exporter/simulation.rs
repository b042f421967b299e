//! Simulated clients: whether they speak as real ones do.

mod elements;
mod faults;
mod pages;
mod server;
mod world;
