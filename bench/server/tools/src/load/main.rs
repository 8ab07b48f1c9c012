//! Sends requests over a number of connections, each of which waits for its answer, and prints their times as JSON.
//!
//! It has just enough HTTP/1.1 to cost little: on a machine with few processors, it competes with the server.

mod answer;
mod plan;
mod times;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Parser;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use answer::Reader;
use plan::{Arguments, Plan};
use times::Times;

fn main() -> Result<()> {
    let plan = Arc::new(Plan::new(Arguments::parse())?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{}", runtime.block_on(run(plan))?);
    Ok(())
}

async fn run(plan: Arc<Plan>) -> Result<serde_json::Value> {
    let mut connections = Vec::new();
    for _ in 0..plan.connections() {
        let stream = TcpStream::connect(plan.address()).await.context("the server does not take a connection")?;
        stream.set_nodelay(true)?;
        connections.push(stream);
    }
    if let Some(idle) = plan.idle() {
        // The script that measures the server's memory waits for this line.
        println!("{} connections are open", connections.len());
        tokio::time::sleep(idle).await;
        return Ok(json!({ "connections": connections.len() }));
    }
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for stream in connections {
        tasks.spawn(converse(stream, plan.clone(), start));
    }
    let mut times = Times::default();
    while let Some(ended) = tasks.join_next().await {
        times.add(ended??);
    }
    Ok(times.summary(start.elapsed()))
}

/// Sends requests one after another, each after the previous answer, until none is left.
async fn converse(mut stream: TcpStream, plan: Arc<Plan>, start: Instant) -> Result<Times> {
    let mut times = Times::default();
    let mut reader = Reader::default();
    while let Some(request) = plan.next(start.elapsed()) {
        let asked = Instant::now();
        stream.write_all(request).await?;
        let status = reader.read(&mut stream).await?;
        times.record(asked.elapsed(), status);
    }
    Ok(times)
}
