//! Each message: its bytes, its size, and what it does to a book.

use super::support::{at, participant, reread, symbol, two};
use velox::itch::{
    AddAttributedOrder, AddOrder, AuctionCollar, Authenticity, BreakerLevel, BreakerLevels,
    BreakerStatus, BrokenTrade, CrossTrade, CrossType, DirectListing, EventCode, Flag, HaltAction,
    ImbalanceDirection, Interest, MarketCode, MarketMakerMode, Message, NetOrderImbalance,
    OperationalHalt, OrderCancel, OrderDelete, OrderExecuted, OrderExecutedWithPrice, OrderReplace,
    ParticipantPosition, ParticipantState, PriceTier, QuotingPeriod, ReleaseQualifier,
    RetailInterest, ShortSale, ShortSaleRestriction, StockDirectory, SystemEvent, Text, Trade,
    TradingAction, TradingState, YesNo,
};
use velox::{Kind, Price, Side, Transaction};
use zerocopy::IntoBytes;

#[test]
fn messages_about_the_day_are_read_as_they_were_written() {
    let stock = symbol("AAPL");
    let header = at(7, 34_200_000_000_001);
    reread(&SystemEvent::new(header, EventCode::StartOfMarketHours));
    reread(&StockDirectory::new(
        header,
        stock,
        b'Q',
        b'N',
        100,
        YesNo::No,
        b'C',
        two("Z"),
        Authenticity::Production,
        Flag::No,
        Flag::Unknown,
        PriceTier::One,
        Flag::No,
        0,
        YesNo::No,
    ));
    let reason = Text::new("T1").unwrap();
    reread(&TradingAction::new(
        header,
        stock,
        TradingState::Halted,
        b' ',
        reason,
    ));
    reread(&ShortSaleRestriction::new(
        header,
        stock,
        ShortSale::Remains,
    ));
    reread(&ParticipantPosition::new(
        header,
        participant("NSDQ"),
        stock,
        YesNo::Yes,
        MarketMakerMode::Normal,
        ParticipantState::Active,
    ));
    reread(&BreakerLevels::new(header, 3_000, 2_000, 1_000));
    reread(&BreakerStatus::new(header, BreakerLevel::Two));
    reread(&QuotingPeriod::new(
        header,
        stock,
        36_000,
        ReleaseQualifier::Anticipated,
        250_000,
    ));
    reread(&AuctionCollar::new(header, stock, 100, 105, 95, 1));
    reread(&OperationalHalt::new(
        header,
        stock,
        MarketCode::Bx,
        HaltAction::Resumed,
    ));
}

#[test]
fn messages_about_orders_are_read_as_they_were_written() {
    let stock = symbol("AAPL");
    let header = at(7, 34_200_000_000_001);
    reread(&AddOrder::new(header, 1, Side::Bid, 100, stock, 1_850_000));
    reread(&AddAttributedOrder::new(
        header,
        2,
        Side::Ask,
        100,
        stock,
        1_850_000,
        participant("NSDQ"),
    ));
    reread(&OrderExecuted::new(header, 1, 40, 9));
    reread(&OrderExecutedWithPrice::new(
        header,
        1,
        40,
        10,
        YesNo::No,
        1_849_900,
    ));
    reread(&OrderCancel::new(header, 1, 10));
    reread(&OrderDelete::new(header, 1));
    reread(&OrderReplace::new(header, 2, 3, 50, 1_850_100));
}

#[test]
fn messages_about_trades_are_read_as_they_were_written() {
    let stock = symbol("AAPL");
    let header = at(7, 34_200_000_000_001);
    reread(&Trade::new(header, 0, Side::Bid, 5, stock, 1_850_000, 11));
    reread(&CrossTrade::new(
        header,
        1_000,
        stock,
        1_850_000,
        12,
        CrossType::Opening,
    ));
    reread(&BrokenTrade::new(header, 11));
    reread(&NetOrderImbalance::new(
        header,
        1,
        2,
        ImbalanceDirection::Buy,
        stock,
        3,
        4,
        5,
        CrossType::Closing,
        b'L',
    ));
    reread(&RetailInterest::new(header, stock, Interest::Both));
    reread(&DirectListing::new(
        header,
        stock,
        YesNo::Yes,
        1,
        2,
        3,
        4,
        5,
        6,
    ));
}

#[test]
fn the_lengths_are_those_of_the_specification() {
    let lengths = "S12 R39 H25 Y20 L26 V35 W12 K28 J35 h21 A36 F40 E31 C36 X23 D19 U35 P44 Q40 B19 I50 N20 O48";
    let mut tags = Vec::new();
    for entry in lengths.split(' ') {
        let (tag, length) = entry.split_at(1);
        let tag = tag.as_bytes()[0];
        assert_eq!(
            super::support::length_of(tag).to_string(),
            length,
            "{entry}"
        );
        tags.push(tag);
    }
    tags.sort_unstable();
    let mut all = Message::TAGS;
    all.sort_unstable();
    assert_eq!(tags, all);
}

#[test]
fn fields_lie_where_the_specification_has_them() {
    let header = at(0x0102, 0x0304_0506_0708 % velox::itch::DAY_NS);
    let add = AddAttributedOrder::new(
        header,
        0x1112_1314_1516_1718,
        Side::Ask,
        0x2122_2324,
        symbol("ABCDEFGH"),
        0x3132_3334,
        participant("WXYZ"),
    );
    let time = &(0x0304_0506_0708_u64 % velox::itch::DAY_NS).to_be_bytes()[2..];
    let mut bytes = b"F\x01\x02\x00\x00".to_vec();
    bytes.extend_from_slice(time);
    bytes.extend_from_slice(
        b"\x11\x12\x13\x14\x15\x16\x17\x18S\x21\x22\x23\x24ABCDEFGH\x31\x32\x33\x34WXYZ",
    );
    assert_eq!(add.as_bytes(), bytes);
}

#[test]
fn messages_become_what_they_do_to_a_book() {
    let header = at(7, 5);
    let stock = symbol("AAPL");
    let one = |message: Message<'_>| -> Vec<Transaction> { message.transactions(100).collect() };
    let add = Transaction {
        time_ns: 5,
        order: 1,
        price: Price::new(1_850_000),
        quantity: 100,
        sequence: 100,
        instrument: 7,
        kind: Kind::Add,
        side: Side::Ask,
    };
    let bare = |kind, quantity| Transaction {
        kind,
        quantity,
        price: Price::new(0),
        side: Side::Bid,
        ..add
    };
    let message = AddOrder::new(header, 1, Side::Ask, 100, stock, 1_850_000);
    assert_eq!(one(Message::AddOrder(&message)), [add]);
    let message = AddAttributedOrder::new(
        header,
        1,
        Side::Ask,
        100,
        stock,
        1_850_000,
        participant("X"),
    );
    assert_eq!(one(Message::AddAttributedOrder(&message)), [add]);
    let message = OrderExecuted::new(header, 1, 40, 9);
    assert_eq!(
        one(Message::OrderExecuted(&message)),
        [bare(Kind::Execute, 40)]
    );
    // Whatever was paid, the shares leave the price at which the order rests.
    let message = OrderExecutedWithPrice::new(header, 1, 40, 9, YesNo::No, 5);
    assert_eq!(
        one(Message::OrderExecutedWithPrice(&message)),
        [bare(Kind::Execute, 40)]
    );
    let message = OrderCancel::new(header, 1, 40);
    assert_eq!(
        one(Message::OrderCancel(&message)),
        [bare(Kind::Cancel, 40)]
    );
    let message = OrderDelete::new(header, 1);
    assert_eq!(one(Message::OrderDelete(&message)), [bare(Kind::Delete, 0)]);
    let message = OrderReplace::new(header, 1, u64::MAX, 60, 7);
    let replace = Transaction {
        price: Price::new(7),
        ..bare(Kind::Replace, 60)
    };
    let rename = Transaction {
        sequence: 101,
        ..replace
    }
    .rename(1, u64::MAX);
    assert_eq!(one(Message::OrderReplace(&message)), [replace, rename]);
    let message = Trade::new(header, 1, Side::Bid, 40, stock, 1_850_000, 9);
    assert_eq!(one(Message::Trade(&message)), []);
    let message = CrossTrade::new(header, 40, stock, 1_850_000, 9, CrossType::Opening);
    assert_eq!(one(Message::CrossTrade(&message)), []);
}
