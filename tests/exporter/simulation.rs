//! Simulated clients: whether they speak as real ones do.

mod data_directory;
mod elements;
mod faults;
mod pages;
mod server;
mod world;
