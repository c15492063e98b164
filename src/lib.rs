//! brama: the gateway through which offices exchange beneficiary data. The rooms in reading order, tools first, doors last.

pub mod call;
pub mod config;
pub mod contract;
pub mod problem;
pub mod workers;

#[allow(unsafe_code)]
pub mod xml;

pub mod signatures;

pub mod subjects;

pub mod disclosure;

pub mod documents;

pub mod ledger;

pub mod store;

pub mod procedures;

pub mod soap;

pub mod services;

pub mod cli;

pub mod app;
