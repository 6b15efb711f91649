import type { Catalogue } from './translate.ts'

/** The texts that every page may need, in Indonesian. */
export const id: Catalogue = {
  'nav.home': 'Showreel, beranda',
  'nav.main': 'Utama',
  'nav.language': 'Bahasa',
  'nav.goLive': 'Siaran',

  'lost.title': 'Halaman ini tidak mengudara',
  'lost.next': 'Tautannya mungkin sudah lama atau salah ketik.',
  'lost.home': 'Lihat yang sedang live',

  'show.live': 'Live',
  'show.starting': 'Segera mulai',
  'show.paused': 'Dijeda',
  'show.ended': 'Selesai',
  'show.started': 'Mulai {ago}',
  'show.endedAgo': 'Selesai {ago}',

  'front.title': 'Sedang mengudara',
  'front.moreTitle': 'Juga sedang live',
  'front.againTitle': 'Tonton lagi',
  'front.watch': 'Tonton live',
  'front.emptyTitle': 'Sedang tidak ada yang live. Acara berikutnya bisa jadi milikmu.',
  'front.emptyText':
    'Buat kanal di studio, masukkan server dan kuncinya ke OBS atau encoder apa pun, lalu mulai. Sekitar dua detik kemudian kamu tampil di halaman ini.',
  'front.emptyAction': 'Buka studio',
  'front.emptyStep1': 'Buat kanal',
  'front.emptyStep2': 'Salin server dan kunci',
  'front.emptyStep3': 'Mulai encoder',

  'problem.offline': 'Showreel tidak dapat dihubungi.',
  'problem.offlineNext': 'Periksa koneksimu; halaman ini terus mencoba.',
  'problem.signedOut': 'Kamu sudah keluar.',
  'problem.signedOutNext': 'Masuk lagi untuk melanjutkan.',
  'problem.forbidden': 'Akun ini tidak boleh melakukan itu.',
  'problem.forbiddenNext': 'Masuk sebagai pemilik kanal.',
  'problem.missing': 'Tidak ada apa pun di alamat ini.',
  'problem.missingNext': 'Mungkin sudah dihapus. Lihat yang sedang live saja.',
  'problem.tooMany': 'Terlalu banyak permintaan sekaligus.',
  'problem.tooManyNext': 'Tunggu beberapa detik, lalu coba lagi.',
  'problem.changed': 'Seseorang mengubah ini sementara itu.',
  'problem.changedNext': 'Muat ulang halaman untuk melihat keadaan terbaru.',
  'problem.notLive': 'Acara sudah tidak live.',
  'problem.notLiveNext': 'Mulai encoder-mu untuk live lagi.',
  'problem.unavailable': 'Sebagian Showreel sedang dimulai ulang.',
  'problem.unavailableNext': 'Coba lagi beberapa detik lagi.',
  'problem.unexpected': 'Ada yang salah di pihak kami.',
  'problem.unexpectedNext': 'Coba lagi; jika tetap begitu, beri tahu kami nomor ini:',
}
