// swift-tools-version: 6.2
// Part of Roost, a chat network of equal nodes.
// Licensed under the Apache License 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// One list for every target of ours: Swift 6 language mode comes with the tools version, and a warning is an error.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "roost",
    products: [
        .executable(name: "roost", targets: ["roost"]),
        .executable(name: "roost-bench", targets: ["roost-bench"]),
        .executable(name: "roost-sim", targets: ["roost-sim"]),
        .executable(name: "roost-chaos", targets: ["roost-chaos"]),
        .executable(name: "roost-floor", targets: ["roost-floor"]),
        .executable(name: "roost-machine", targets: ["roost-machine"]),
        .executable(name: "roost-mesh", targets: ["roost-mesh"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Pure: values in, values out. No clock, socket, thread or randomness of their own.
        .target(name: "RoostModel", swiftSettings: settings),
        .target(name: "RoostIRC", swiftSettings: settings),
        .target(name: "RoostRoster", dependencies: ["RoostModel"], swiftSettings: settings),
        .target(
            name: "RoostWire",
            dependencies: [
                "RoostModel", "RoostRoster", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings),
        .target(
            name: "RoostNode",
            dependencies: ["RoostModel", "RoostIRC", "RoostRoster", "RoostWire"], swiftSettings: settings),

        .target(
            name: "RoostSim",
            dependencies: ["RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode"],
            swiftSettings: settings),

        // Shells: sockets, threads, files, terminals.
        .systemLibrary(name: "CZeroMQ", path: "CZeroMQ"),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ"], swiftSettings: settings),
        .target(
            name: "RoostKeys", dependencies: ["ZeroMQ", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(name: "RoostStats", swiftSettings: settings),
        .systemLibrary(name: "CCrypt", path: "Sources/CCrypt"),
        .target(name: "RoostConfiguration", dependencies: ["CCrypt", "RoostKeys", yaml], swiftSettings: settings),
        .target(
            name: "RoostServer",
            dependencies: nio + [
                "RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode", "RoostStats", "RoostConfiguration",
                "RoostKeys", "ZeroMQ", log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .target(name: "RoostWatch", dependencies: ["RoostKeys", "RoostStats", "ZeroMQ"], swiftSettings: settings),
        .target(
            name: "RoostCluster", dependencies: ["RoostConfiguration", "RoostKeys", yaml], swiftSettings: settings),
        .target(name: "RoostChat", dependencies: ["RoostIRC"], swiftSettings: settings),

        .executableTarget(
            name: "roost",
            dependencies: [
                "RoostServer", "RoostConfiguration", "RoostKeys", "RoostWatch", "RoostCluster", "RoostChat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .executableTarget(
            name: "roost-bench",
            dependencies: [
                "CLinux", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: settings),
        // The least server that roost-bench can measure: the measuring stick of `make bench-peers`, no part of Roost.
        .executableTarget(
            name: "roost-floor", cSettings: [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]),

        // What the machine costs, alone.
        .executableTarget(
            name: "roost-machine",
            dependencies: [
                "CLinux", "RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // The mesh between two nodes, without clients: for measurements.
        .executableTarget(
            name: "roost-mesh",
            dependencies: [
                "RoostServer", "RoostModel", "RoostIRC", "RoostWire", "RoostNode", "RoostKeys", "RoostStats", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // What libFuzzer runs, and `make test` on the inputs that were kept.
        .target(
            name: "RoostFuzzing",
            dependencies: [
                "RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode", "RoostSim", "RoostConfiguration",
            ],
            swiftSettings: settings),
        .systemLibrary(name: "CFuzzer", path: "Sources/CFuzzer"),
        .executableTarget(name: "roost-fuzz", dependencies: ["RoostFuzzing", "CFuzzer"], swiftSettings: settings),

        .executableTarget(
            name: "roost-sim",
            dependencies: ["RoostSim", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),

        .target(
            name: "RoostChaos", dependencies: ["RoostModel", "RoostIRC", "RoostConfiguration", "RoostCluster"],
            swiftSettings: settings),
        .executableTarget(
            name: "roost-chaos",
            dependencies: ["RoostChaos", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),

        // What tests of several targets use.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "RoostModelTests", dependencies: ["RoostModel"], swiftSettings: settings),
        .testTarget(name: "RoostIRCTests", dependencies: ["RoostIRC"], swiftSettings: settings),
        .testTarget(name: "RoostRosterTests", dependencies: ["RoostModel", "RoostRoster"], swiftSettings: settings),
        .testTarget(
            name: "RoostWireTests",
            dependencies: [
                "RoostModel", "RoostRoster", "RoostWire", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RoostNodeTests",
            dependencies: ["RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode", "RoostSim"],
            exclude: ["Scenarios"], swiftSettings: settings),
        .testTarget(
            name: "RoostFuzzingTests",
            dependencies: ["RoostFuzzing", "RoostModel", "RoostIRC", "RoostRoster", "RoostNode"], exclude: ["Corpora"],
            swiftSettings: settings),
        .testTarget(
            name: "RoostSimTests", dependencies: ["RoostModel", "RoostNode", "RoostRoster", "RoostSim"],
            swiftSettings: settings),
        .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"], swiftSettings: settings),
        .testTarget(name: "RoostKeysTests", dependencies: ["RoostKeys", "ZeroMQ"], swiftSettings: settings),
        .testTarget(name: "RoostStatsTests", dependencies: ["RoostStats"], swiftSettings: settings),
        .testTarget(
            name: "RoostConfigurationTests", dependencies: ["RoostConfiguration", "RoostKeys"], swiftSettings: settings),
        .testTarget(
            name: "RoostServerTests",
            dependencies: nio + [
                "RoostServer", "RoostModel", "RoostIRC", "RoostRoster", "RoostWire", "RoostNode", "RoostStats",
                "RoostConfiguration", "RoostKeys", "ZeroMQ", log,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RoostWatchTests", dependencies: ["RoostKeys", "RoostWatch", "RoostStats", "TestSupport", "ZeroMQ"],
            swiftSettings: settings),
        .testTarget(
            name: "RoostClusterTests", dependencies: ["RoostCluster", "RoostConfiguration", "RoostKeys"],
            swiftSettings: settings),
        .testTarget(
            name: "RoostChatTests", dependencies: ["RoostChat", "RoostIRC", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "RoostChaosTests", dependencies: ["RoostChaos", "RoostConfiguration", "RoostIRC", "RoostModel"],
            swiftSettings: settings),
        .testTarget(
            name: "BenchTests",
            dependencies: ["roost-bench", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: ["Scenarios"], swiftSettings: settings),
        .testTarget(
            name: "MachineTests", dependencies: ["roost-machine", "RoostModel", "RoostNode", "RoostRoster"],
            swiftSettings: settings),
        .testTarget(name: "MeshBenchTests", dependencies: ["roost-mesh"], swiftSettings: settings),

        // Starts the program as its users do.
        .testTarget(name: "ClusterTests", dependencies: ["roost", "roost-chaos", "RoostIRC"], swiftSettings: settings),
    ]
)
