//! `orderctl export`: orders for other programs.

mod beside;
mod csv;

use super::orders::{Listing, Meant, Wanted};
use crate::{
    args::{ExportArgs, Format},
    failure::Failure,
    report::{counted, json_line},
    session::Session,
};
use beside::Beside;
use orderd_sdk::{client::Client, filter::Filter};
use std::{
    io::{self, Write},
    path::Path,
};

/// Writes orders, newest first, each as it stands when its page is read.
pub(crate) async fn export(session: &mut Session<'_>, args: &ExportArgs) -> Result<(), Failure> {
    let meant = Meant::new(&[], args.filter.as_deref())?;
    let listing = Listing::new(session.client.clone(), meant, Wanted::All);
    match &args.output {
        None => {
            write(listing, args.format, session.out).await?;
            Ok(session.out.flush()?)
        }
        Some(file) => {
            let orders = into_file(listing, args.format, file).await?;
            session.note(&format!("{} written to {}", counted(orders, "order"), file.display()));
            Ok(())
        }
    }
}

/// Writes all orders that a filter means into a file, in the format that its name says: JSON Lines unless it ends in
/// `.csv`. How many they are.
pub(crate) async fn export_matching(client: Client, filter: &Filter, file: &Path) -> Result<u64, Failure> {
    let is_csv = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let format = if is_csv { Format::Csv } else { Format::Jsonl };
    let meant = Meant::new(&[], Some(&filter.to_string()))?;
    into_file(Listing::new(client, meant, Wanted::All), format, file).await
}

/// The file appears when all of it is there. How many orders are in it.
async fn into_file(listing: Listing, format: Format, file: &Path) -> Result<u64, Failure> {
    let cannot = |source| Failure::File { file: file.to_owned(), source };
    let mut beside = Beside::create(file).map_err(cannot)?;
    let orders = write(listing, format, &mut beside).await.map_err(|failure| failure.on(file))?;
    beside.put_in_place().map_err(cannot)?;
    Ok(orders)
}

async fn write<W: Write + ?Sized>(mut listing: Listing, format: Format, out: &mut W) -> Result<u64, Failure> {
    let mut count = 0;
    if format == Format::Csv {
        csv::write_titles(out)?;
    }
    while let Some(page) = listing.next().await? {
        count += page.len() as u64;
        page.iter().try_for_each(|order| -> io::Result<()> {
            match format {
                Format::Jsonl => json_line(order, out),
                Format::Csv => csv::write(order, out),
            }
        })?;
    }
    Ok(count)
}
