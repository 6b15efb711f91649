import type { PlayerCatalogue } from './translate.ts'

/** The texts of the player, in Indonesian. */
export const playerId: PlayerCatalogue = {
  'watch.offAir': 'Kanal ini sedang tidak mengudara dan belum punya acara untuk ditonton lagi.',

  'share.button': 'Bagikan',
  'share.copied': 'Tautan disalin',

  'moments.title': 'Momen',

  'player.play': 'Putar',
  'player.pause': 'Jeda',
  'player.mute': 'Bisukan',
  'player.unmute': 'Nyalakan suara',
  'player.volume': 'Volume',
  'player.fullscreen': 'Layar penuh',
  'player.exitFullscreen': 'Keluar dari layar penuh',
  'player.pip': 'Gambar dalam gambar',
  'player.stats': 'Angka pemutaran',
  'player.quality': 'Kualitas',
  'player.auto': 'Otomatis',
  'player.timeBar': 'Posisi dalam acara',
  'player.seconds': '{seconds} dtk',
  'player.behind': '{amount} di belakang live',
  'player.jump': 'Ke live',
  'player.loading': 'Memuat',
  'player.pausedTitle': 'Acara dijeda',
  'player.pausedText': 'Menunggu kreator kembali. Acara akan lanjut dengan sendirinya.',
  'player.pausedLeft': 'Sisa {seconds} dtk',
  'player.endedTitle': 'Acara telah selesai',
  'player.endedText': 'Terima kasih sudah menonton. Semuanya tersimpan.',
  'player.watchFromStart': 'Tonton dari awal',
  'player.otherShows': 'Acara lain',
  'player.failedTitle': 'Acara ini tidak dapat diputar sekarang',
  'player.failedText': 'Video tidak tiba setelah banyak percobaan. Periksa koneksimu, lalu coba lagi.',
  'player.retry': 'Coba lagi',

  'stats.delay': 'Di belakang live',
  'stats.target': 'Target jeda',
  'stats.buffer': 'Sudah dimuat',
  'stats.rung': 'Gambar',
  'stats.bandwidth': 'Koneksi',
  'stats.dropped': 'Frame hilang',
  'stats.source': 'Sumber',
}
