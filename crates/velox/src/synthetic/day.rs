//! A whole day as an ITCH file.

use std::io::{self, Write};

use super::event::symbol;
use super::{Action, Config, ConfigError, Event, Generator};
use crate::itch::{
    AuctionCollar, Authenticity, BreakerLevels, BrokenTrade, CrossTrade, CrossType, DAY_NS,
    EventCode, Flag, Header, ImbalanceDirection, Interest, MarketMakerMode, NetOrderImbalance,
    Participant, ParticipantPosition, ParticipantState, PriceTier, RetailInterest, ShortSale,
    ShortSaleRestriction, StockDirectory, SystemEvent, Text, Timestamp, TradingAction,
    TradingState, Writer, YesNo,
};

/// When the day of a file begins: at 9:30.
pub const OPENING_NS: u64 = 34_200_000_000_000;

/// Writes a day of `messages` messages, and returns the sink.
///
/// The day begins with the system's messages and the directory of the instruments, has the flow of this seed from
/// [`OPENING_NS`] on, or from [`Config::start_ns`] if that isn't 0, and ends with the system's messages and the length of
/// 0 that ends the public files. If the flow doesn't end before midnight, what is left of it has the day's last
/// nanosecond as its time. The file has the system's messages and the directory however few messages are asked for.
///
/// # Errors
///
/// If the sink fails, or there is no such flow; that is an error of the kind [`InvalidInput`](io::ErrorKind).
///
/// # Examples
///
/// ```
/// use velox::itch::{Options, Reader};
/// use velox::synthetic::{Config, write_day};
///
/// let file = write_day(Config::default(), 7, 1_000, Vec::new())?;
/// let mut reader = Reader::new(&file, Options::default());
/// assert!(reader.by_ref().all(|message| message.is_ok()));
/// assert_eq!(reader.tally().messages, 1_000);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_day<W: Write>(mut config: Config, seed: u64, messages: u64, sink: W) -> io::Result<W> {
    if config.start_ns == 0 {
        config.start_ns = OPENING_NS;
    }
    let invalid = |error: ConfigError| io::Error::new(io::ErrorKind::InvalidInput, error);
    let flow = Generator::new(config, seed).map_err(invalid)?;
    let mut writer = Writer::new(sink);
    let opening = Times {
        first: config
            .start_ns
            .saturating_sub(u64::from(config.instruments) * 1_000_000),
        step: 1_000,
    };
    open(&mut writer, &config, opening)?;
    let mut last = config.start_ns;
    let mut trade = 0;
    for event in flow {
        // The closing has four messages, and a broken trade.
        if writer.messages() + CLOSING >= messages {
            break;
        }
        last = event.time_ns;
        event.write(&mut writer)?;
        match event.action {
            Action::Halt if writer.messages() + CLOSING < messages => {
                collar(&mut writer, &config, &event)?;
            }
            Action::Execute { trade: number, .. } => trade = number,
            _ => {}
        }
    }
    close(&mut writer, last, trade)?;
    writer.finish()
}

/// Messages at the end of the day.
const CLOSING: u64 = 4;

/// Times that go on by a step.
struct Times {
    first: u64,
    step: u64,
}

impl Times {
    fn next(&mut self) -> Timestamp {
        let time = at(self.first);
        self.first += self.step;
        time
    }
}

fn at(ns: u64) -> Timestamp {
    Timestamp::from_ns(ns).unwrap_or(Timestamp::LAST)
}

fn system<W: Write>(writer: &mut Writer<W>, time: Timestamp, event: EventCode) -> io::Result<()> {
    writer.write(&SystemEvent::new(Header::new(0, time), event))
}

fn open<W: Write>(writer: &mut Writer<W>, config: &Config, mut times: Times) -> io::Result<()> {
    system(writer, times.next(), EventCode::StartOfMessages)?;
    for instrument in 1..=config.instruments {
        list(writer, instrument, &mut times)?;
    }
    system(writer, times.next(), EventCode::StartOfSystemHours)?;
    let header = Header::new(0, times.next());
    writer.write(&BreakerLevels::new(
        header,
        465_000_000_000_u64,
        435_000_000_000,
        400_000_000_000,
    ))?;
    for instrument in 1..=config.instruments {
        auction(writer, config, instrument, &mut times)?;
    }
    system(writer, times.next(), EventCode::StartOfMarketHours)
}

/// What is said of an instrument before it is traded.
fn list<W: Write>(writer: &mut Writer<W>, instrument: u16, times: &mut Times) -> io::Result<()> {
    let stock = symbol(instrument);
    let mut header = || Header::new(instrument, times.next());
    writer.write(&StockDirectory::new(
        header(),
        stock,
        b'Q',
        b'N',
        100,
        YesNo::No,
        b'C',
        Text::new("Z").unwrap_or_default(),
        Authenticity::Test,
        Flag::No,
        Flag::No,
        PriceTier::One,
        Flag::No,
        0,
        YesNo::No,
    ))?;
    let none = Text::default();
    writer.write(&TradingAction::new(
        header(),
        stock,
        TradingState::Trading,
        b' ',
        none,
    ))?;
    writer.write(&ShortSaleRestriction::new(
        header(),
        stock,
        ShortSale::Unrestricted,
    ))?;
    writer.write(&ParticipantPosition::new(
        header(),
        Participant::new("VELX").unwrap_or_default(),
        stock,
        YesNo::Yes,
        MarketMakerMode::Normal,
        ParticipantState::Active,
    ))
}

/// The opening auction of an instrument, in which nobody takes part.
fn auction<W: Write>(
    writer: &mut Writer<W>,
    config: &Config,
    instrument: u16,
    times: &mut Times,
) -> io::Result<()> {
    let stock = symbol(instrument);
    let price = config.price.ticks().unsigned_abs();
    let mut header = || Header::new(instrument, times.next());
    writer.write(&RetailInterest::new(header(), stock, Interest::None))?;
    writer.write(&NetOrderImbalance::new(
        header(),
        0,
        0,
        ImbalanceDirection::Insufficient,
        stock,
        price,
        price,
        price,
        CrossType::Opening,
        b' ',
    ))?;
    writer.write(&CrossTrade::new(
        header(),
        0,
        stock,
        price,
        0,
        CrossType::Opening,
    ))
}

/// The band within which a halted instrument may reopen.
fn collar<W: Write>(writer: &mut Writer<W>, config: &Config, halt: &Event) -> io::Result<()> {
    let price = config.price.ticks().unsigned_abs();
    let header = Header::new(halt.instrument, at(halt.time_ns));
    let band = price / 20;
    writer.write(&AuctionCollar::new(
        header,
        symbol(halt.instrument),
        price,
        price + band,
        price - band,
        0,
    ))
}

/// The last trade is annulled, which changes no book, and the day ends.
fn close<W: Write>(writer: &mut Writer<W>, last: u64, trade: u64) -> io::Result<()> {
    let time = |after: u64| at(last.min(DAY_NS).saturating_add(after));
    writer.write(&BrokenTrade::new(Header::new(0, time(1)), trade))?;
    system(writer, time(2), EventCode::EndOfMarketHours)?;
    system(writer, time(3), EventCode::EndOfSystemHours)?;
    system(writer, time(4), EventCode::EndOfMessages)
}
