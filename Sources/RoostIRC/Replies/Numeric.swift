// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// The numbers of replies and errors. Their parameters and texts are Reply's.

/// A numeric that this server sends, named after its `RPL_` or `ERR_` name.
///
/// See https://modern.ircdocs.horse/#numerics; those that are not there say where they come from.
public enum Numeric: UInt16, CaseIterable, Sendable {
    // Registration
    case welcome = 1
    case yourHost = 2
    case created = 3
    case myInfo = 4
    case iSupport = 5

    // STATS, LUSERS, ADMIN
    case statsLinkInfo = 211
    case statsCommands = 212
    case endOfStats = 219
    case userModeIs = 221
    case statsUptime = 242
    /// RFC 2812 `RPL_STATSOLINE`.
    case statsOperator = 243
    /// `RPL_STATSDEBUG`, as most servers use it: free text.
    case statsText = 249
    case lusersClients = 251
    case lusersOperators = 252
    case lusersUnknown = 253
    case lusersChannels = 254
    case lusersMe = 255
    case adminMe = 256
    case adminLocation1 = 257
    case adminLocation2 = 258
    case adminEmail = 259
    case tryAgain = 263
    case localUsers = 265
    case globalUsers = 266

    // Users
    case whoisCertificate = 276
    case away = 301
    case userHost = 302
    /// RFC 2812 `RPL_ISON`.
    case isOn = 303
    case unaway = 305
    case nowAway = 306
    case whoisRegisteredNick = 307
    case whoisUser = 311
    case whoisServer = 312
    case whoisOperator = 313
    case whowasUser = 314
    case endOfWho = 315
    case whoisIdle = 317
    case endOfWhois = 318
    case whoisChannels = 319
    case whoisSpecial = 320

    // Channels
    case listStart = 321
    case list = 322
    case listEnd = 323
    case channelModeIs = 324
    case creationTime = 329
    case whoisAccount = 330
    case noTopic = 331
    case topic = 332
    case topicWhoTime = 333
    /// https://ircv3.net/specs/extensions/bot-mode
    case whoisBot = 335
    case inviteList = 336
    case endOfInviteList = 337
    case whoisActually = 338
    case inviting = 341
    case invitationExceptionList = 346
    case endOfInvitationExceptionList = 347
    case banExceptionList = 348
    case endOfBanExceptionList = 349
    case version = 351
    case whoReply = 352
    case names = 353
    /// https://ircv3.net/specs/extensions/whox
    case whoxReply = 354
    case links = 364
    case endOfLinks = 365
    case endOfNames = 366
    case banList = 367
    case endOfBanList = 368
    case endOfWhowas = 369
    case info = 371
    case motd = 372
    case endOfInfo = 374
    case motdStart = 375
    case endOfMotd = 376
    case whoisHost = 378
    case whoisModes = 379
    case youreOperator = 381
    case rehashing = 382
    case time = 391

    // Errors
    case unknownError = 400
    case noSuchNick = 401
    case noSuchServer = 402
    case noSuchChannel = 403
    case cannotSendToChannel = 404
    case tooManyChannels = 405
    case wasNoSuchNick = 406
    /// RFC 2812 `ERR_TOOMANYTARGETS`.
    case tooManyTargets = 407
    case noOrigin = 409
    /// https://ircv3.net/specs/extensions/capability-negotiation
    case invalidCapCommand = 410
    case noRecipient = 411
    case noTextToSend = 412
    case inputTooLong = 417
    case unknownCommand = 421
    case noMotd = 422
    /// RFC 2812 `ERR_NOADMININFO`.
    case noAdminInfo = 423
    case noNicknameGiven = 431
    case erroneousNickname = 432
    case nicknameInUse = 433
    case nickCollision = 436
    /// RFC 2812 `ERR_UNAVAILRESOURCE`.
    case unavailableResource = 437
    case userNotInChannel = 441
    case notOnChannel = 442
    case userOnChannel = 443
    case notRegistered = 451
    case needMoreParameters = 461
    case alreadyRegistered = 462
    case passwordMismatch = 464
    case youreBanned = 465
    case invalidUsername = 468
    case channelIsFull = 471
    case unknownMode = 472
    case inviteOnlyChannel = 473
    case bannedFromChannel = 474
    case badChannelKey = 475
    case badChannelMask = 476
    /// `ERR_BANLISTFULL`, as most servers use it: any list of a channel is full.
    case banListFull = 478
    case noPrivileges = 481
    case notChannelOperator = 482
    case cannotKillServer = 483
    case noOperatorHost = 491
    case unknownUserMode = 501
    case usersDontMatch = 502
    case helpNotFound = 524
    case invalidKey = 525

    // Later than the RFCs
    case whoisSecure = 671
    case invalidModeParameter = 696
    case helpStart = 704
    case helpText = 705
    case endOfHelp = 706
    case noOperatorPrivilege = 723
    /// https://ircv3.net/specs/extensions/monitor, for this and the four below.
    case monitorOnline = 730
    case monitorOffline = 731
    case monitorList = 732
    case endOfMonitorList = 733
    case monitorListFull = 734

    /// The three digits on the wire. They fit into the string itself: nothing is allocated.
    public var code: String {
        var code = ""
        for divisor: UInt16 in [100, 10, 1] {
            code.unicodeScalars.append(Unicode.Scalar(UInt8.zero + UInt8(rawValue / divisor % 10)))
        }
        return code
    }

    /// The numeric of three digits, or nil if they are none of these.
    public init?(code: String) {
        guard code.utf8.count == 3 else { return nil }
        var number: UInt16 = 0
        for byte in code.utf8 {
            guard byte.isDigit else { return nil }
            number = number * 10 + UInt16(byte - UInt8.zero)
        }
        self.init(rawValue: number)
    }

    /// Whether the last parameter is free text or a list of words, not a single word that a program reads.
    public var endsInText: Bool {
        switch self {
        case .myInfo, .statsCommands, .userModeIs, .channelModeIs, .creationTime, .topicWhoTime, .inviteList, .inviting,
            .invitationExceptionList, .banExceptionList, .banList, .whoxReply:
            false
        default: true
        }
    }
}
